package counter

import "checker/check"

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: OutOfBounds, Summary: "A read is below the sum of all adds that had surely happened, or above the sum of all that may have.", Example: `client 1   [ add 2, ok ]
client 2                   [ read → 4 ]`},
		{Name: Unreachable, Summary: "A read is within the bounds, but no choice among the adds that may have happened makes that sum.", Example: `client 1   [ add 2              ?
client 2               [ read → 1 ]`},
	}
}
