// Package gen makes operations. A [Generator] is a value: asked for an op it
// answers with the op and the generator that goes on from there, and told of an
// event it answers with the generator that knows of it. Nothing runs inside it,
// so the same generator drives a simulated run on virtual time and a real one,
// and a test can ask it what it would do.
//
// The vocabulary and the laws are those of Jepsen's generator library: shape,
// choice, placement, timing, transformation and keys.
package gen
