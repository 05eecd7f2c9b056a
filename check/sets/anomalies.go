package sets

import "checker/check"

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: Lost, Summary: "An element that was surely in the set is missing from a read, and no later read has it again."},
		{Name: Unexpected, Summary: "A read has an element that nobody tried to add, or whose add failed for certain."},
		{Name: Duplicated, Summary: "A read has an element more than once."},
		{Name: Stale, Summary: "A read lacks an element that was surely in the set when it was invoked, and a later read has it."},
	}
}
