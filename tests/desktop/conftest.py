"""Shared by the desktop tests: a scripted service, a clock by hand, one Qt application."""

from __future__ import annotations

import os

import pytest

from tests.desktop.fake_service import Clock, FakeService

# Before any test imports Qt: a run without a screen must not abort.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def clock() -> Clock:
    return Clock()
