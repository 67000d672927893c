"""The start page: each person is led to what he can use."""
