"""What the estimators share: validation, models, starts, searches, restarts, results."""
