// Package prng splits one seed into independent streams of randomness by name.
//
// A run has one seed. Whoever needs randomness asks for a stream under its own
// name (a client, a link, a disk) and never shares it:
//
//	rng := prng.New(seed, "client/3")
//
// A stream depends on the seed and the name alone, not on how many other
// streams exist or in which order they were made. Adding a consumer, or one
// more draw inside a consumer, therefore leaves every other stream as it was,
// which is what keeps an old seed meaningful after a change and makes
// shrinking a schedule possible.
//
// Names nest with Derive: Derive(seed, "node/2") is a seed of its own, to be
// split again by whoever runs inside node 2.
//
// The mapping from (seed, name) to stream is part of what a seed printed in an
// old report means: it must not change. TestStreamsAreStable pins it.
//
// The streams are for simulation and test generation. They are predictable and
// so unfit for keys or anything secret.
package prng
