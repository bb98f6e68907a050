"""What plugins register: records, kinds, the hook, the loader, the registry. Never imports torch."""
