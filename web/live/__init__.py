"""The live page (现场): every call in progress, as it goes."""
