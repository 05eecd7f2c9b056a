// Package story writes histories in a few words, for goldens.
//
// A line is an invocation, a completion, or both at once:
//
//	0 add 1               process 0 invokes add of 1
//	0 -> ok               and it is ok, with the same value
//	1 read -> [1 2]       invoked and completed as ok with another value
//	1 add 2 -> fail       or fail, or info
//	2/n1 read -> 5        on node n1
//	@3 2 read -> 5        both rows 3 ms after the start
//	nemesis heal -> info
//
// Values are EDN. Row numbers count from 0, two for a line that is both.
package story
