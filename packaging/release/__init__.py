"""What ``packaging/build.py`` does, part by part. Standard library only: it runs before any venv."""
