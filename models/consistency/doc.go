// Package consistency holds the lattice of consistency models: the guarantees
// that a database may claim, their names and synonyms, and which implies which.
//
// The implications are those of Adya, of Cerone and others and of Viotti and
// Vukolić, as Elle and Jepsen's map of consistency models arrange them. They
// relate guarantees, not checkers: that linearizable is violated says nothing
// about sequential, but a violated sequential takes linearizable with it.
package consistency
