"""The numbered facts between office and headquarters: outbox, inbox positions, sequence, heartbeat, clocks."""
