"""The figures that people and offices are assessed by, each open down to the call; closed months are frozen."""
