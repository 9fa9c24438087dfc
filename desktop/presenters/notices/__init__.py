"""Banners, notifications, toasts, and the question before sending."""
