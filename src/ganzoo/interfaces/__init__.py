"""The protocols of every kind, and the records that components exchange.

Positional parameters of a component's constructor are supplied by name (``shape``, ``num_classes``, ``norm``,
``feature_dim``, ``generator``, ``discriminator`` ...); its keyword-only parameters are the user's settings.
"""
