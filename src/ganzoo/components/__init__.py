"""Our own components: losses, schedules, trainers, data sets, features, metrics."""
