"""What the bundles leave out of what PyInstaller collects, and why each may go. No imports.

Names are the paths inside a bundle, with forward slashes.
"""

from __future__ import annotations

import re

MODULES = (
    *(
        "tkinter",
        "unittest",
        "pydoc",
        "pydoc_data",
        "lib2to3",
        "ensurepip",
        "idlelib",
        "turtledemo",
    ),
    *("setuptools", "pkg_resources", "pip", "_pytest", "pytest", "Cython", "numpy"),
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtPdf", "PySide6.QtOpenGL"),
    *("PySide6.scripts", "shiboken6.docs"),
    *("zstandard.backend_cffi", "zstandard._cffi", "cffi", "pycparser"),
)
"""Never imported while the app runs; build tools that optional imports of libraries lead to."""

QT_MODULES = ("PySide6", "shiboken6", "qasync", "desktop")
"""What the edition without a window has nothing of."""

_PLUGINS = (
    "platformthemes/libqgtk3",  # brings GTK and its stack; the portal theme stays
    "platforms/(libqeglfs|libqlinuxfb|libqminimal|libqvnc|libqvkkhr)",  # screens without a desktop
    "platforms/(qminimal|qdirect2d|libqminimal)",
    "egldeviceintegrations",
    "qmltooling",
    "xcbglintegrations",  # widgets are painted without OpenGL
    "wayland-graphics-integration-(client|server)",  # widgets are painted into shared memory
    "wayland-shell-integration/lib(fullscreen-shell|ivi-shell|qt-shell|wl-shell)",
    r"imageformats/(lib)?q(pdf|tiff|webp|tga|wbmp|icns|jpeg|gif)",  # all our pictures are SVG
    "platforminputcontexts/libqtvirtualkeyboard",
    "networkinformation",
    "tls",  # Qt fetches nothing; aiohttp does
    "generic",
)
_QT_LIBRARIES = (
    "Qml|Quick|Pdf|VirtualKeyboard|EglFSDeviceIntegration|EglFsKmsSupport|WlShell|OpenGL"
    "|WaylandCompositor|WaylandEgl"
)
_OF_THE_SYSTEM = (
    *("gtk-3", "gdk-3", "gdk_pixbuf", "cairo", "pango", "atk", "epoxy", "harfbuzz", "gio-2"),
    *("gobject", "gmodule-2", "gthread", "glib-2", "wayland-server", r"stdc\+\+", "gcc_s"),
    *("gcrypt", "X11", "Xrender", "Xi", "Xfixes", "Xext", "Xcursor", "Xdamage", "Xcomposite"),
    *("Xrandr", "Xinerama", "Xau", "Xdmcp", "pixman", "thai", "datrie", "fribidi", "graphite"),
    *("mount", "blkid", "selinux", "systemd", "dbus-1", "fontconfig", "freetype", "png16"),
    *("EGL", "GL", "GLX", "GLdispatch", "expat", "brotlidec", "brotlicommon", "drm"),
    *("lz4", "zstd", "cap", "gpg-error", "pcre2-8", "md", "bsd", "jpeg", "atspi", "pangoft2-1"),
    *(
        "pangocairo-1",
        "graphite2",
        "xcb-glx",
    ),
)
"""Libraries of a Linux desktop that must be the system's own: they belong to its drivers and fonts."""

_QT_TRANSLATIONS = r"(?!qtbase_(zh_CN|en)\.)\w+"
"""All but the two languages the app speaks."""

_LEFT_OUT = re.compile(
    rf"(^|/)PySide6/(Qt/)?plugins/({'|'.join(_PLUGINS)})"
    rf"|(^|/)(lib)?Qt6?({_QT_LIBRARIES})[.\w]*$"
    rf"|(^|/)lib({'|'.join(_OF_THE_SYSTEM)})[.-][^/]*$"
    rf"|(^|/)PySide6/(Qt/)?translations/({_QT_TRANSLATIONS})\.qm$"
    r"|(^|/)PySide6/(Qt/)?(qml|metatypes|typesystems|include)/"
    r"|opengl32sw\.dll$|d3dcompiler_\d+\.dll$"  # software OpenGL: widgets do not draw with it
    r"|(^|/)zstandard/_cffi\.[^/]*$"
    r"|\.pyi$|(^|/)py\.typed$"
    # What pip notes of an installation: sums of starters that name the environment's folder.
    r"|\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json)$"
)


def is_left_out(path: str) -> bool:
    """Return whether the bundles do without this file of a collected library."""
    return _LEFT_OUT.search(path.replace("\\", "/")) is not None
