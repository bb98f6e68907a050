"""Feature extractors for metrics, and the small reference classifiers that ``ganzoo classifier`` trains."""
