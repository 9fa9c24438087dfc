"""What is known of GitHub Copilot's model API, as data: one frozen table per subject.

Every row names its certainty and its source. ``upstream``, ``dialects`` and ``usage`` read these tables;
a code, wording, beta, limit or price field is spelled out nowhere else (``tests/test_architecture.py``).
Nothing here does I/O or keeps state.
"""
