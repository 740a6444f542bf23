"""Errors that a person can act on: a sentence with the rule and the remedy."""


class UserError(Exception):
  """Shown as one sentence, without a traceback; the exit code is 1."""
