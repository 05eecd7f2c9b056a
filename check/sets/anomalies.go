package sets

import "checker/check"

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: Lost, Summary: "An element that was surely in the set is missing from a read, and no later read has it again.", Example: `client 1   [ add 1, ok ]
client 2                   [ read → #{} ]`},
		{Name: Unexpected, Summary: "A read has an element that nobody tried to add, or whose add failed for certain.", Example: `client 1   [ add 1 → fail ]
client 2                     [ read → #{1} ]`},
		{Name: Duplicated, Summary: "A read has an element more than once.", Example: `client 1   [ add 1, ok ]
client 2                   [ read → [1 1] ]`},
		{Name: Stale, Summary: "A read lacks an element that was surely in the set when it was invoked, and a later read has it.", Example: `client 1   [ add 1, ok ]
client 2                   [ read → #{} ]  [ read → #{1} ]`},
	}
}
