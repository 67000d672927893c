"""The common core of the call supervision system: one room for each subject, without Flask or Asterisk."""
