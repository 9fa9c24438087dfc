"""The Responses API's response object and its parts."""
