"""Another program's window that a person types in; prints what stands there after each change."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QLineEdit


def main() -> int:
    app = QApplication([])
    field = QLineEdit()
    field.setWindowTitle("Note")
    field.textChanged.connect(lambda text: print(text, flush=True))
    field.setGeometry(40, 60, 300, 40)
    field.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
