"""E-mail: a channel with a crowd behind it. ``channel`` keeps the promise of ``channels.base``."""
