"""What a person has to do today, in order of urgency; and the bureau's figures by office."""
