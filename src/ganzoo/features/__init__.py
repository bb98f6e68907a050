"""What a metric sees of an image: feature extractors, and the small judges trained here."""
