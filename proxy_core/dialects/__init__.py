"""The three wire dialects, pure: bytes and values in, bytes and values out.

Each package has the same parts and never imports another dialect: ``request`` (parse, render),
``stream`` (reader, writer), ``pass_through`` (same dialect on both sides), ``response`` (whole
answers), ``errors``. ``interface`` declares what they have in common.
"""
