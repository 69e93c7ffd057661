"""A laboratory of real TCP stacks: two or three network namespaces on one machine,
joined by a user-space link that can harm the traffic and writes what it saw."""
