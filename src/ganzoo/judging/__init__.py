"""Training judges: small classifiers of any labelled images."""
