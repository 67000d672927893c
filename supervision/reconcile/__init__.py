"""The reconciler: what the witnesses of each call say is compared; where they disagree, there is an incident."""
