"""Look and feel: base template, components, tokens, navigation. Nothing else on the site decides on it."""
