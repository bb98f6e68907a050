"""What a metric sees of an image: feature extractors, and the small classifiers trained here."""
