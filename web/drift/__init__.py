"""How the reviewers do: drift, severity, share heard, time to review, each as a figure and a picture."""
