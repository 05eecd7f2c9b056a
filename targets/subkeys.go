package targets

// Subkeys is how many subkeys each key of the sequential workload has.
const Subkeys = 5
