"""The machines (设备): the room on their disks, and what is still to be sent to headquarters."""
