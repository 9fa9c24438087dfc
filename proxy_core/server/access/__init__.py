"""Access control: keys, hosts, origins, guests."""
