// Package tidy keeps the house in order: its tests read every file of the
// module and fail where a rule of CONTRIBUTING.md is broken. It holds no code
// but tests, uses only the standard library's parser, and needs neither the
// network nor the go command.
//
// A rule is a function from a tree of files to violations. TestTree applies
// all of them to this module. TestRules applies them to small trees written
// down in testdata, one file a rule, which prove that the rule fires on what it
// forbids and stays silent on what it allows; TestEveryRuleIsProven fails when
// a rule lacks either proof. After changing a rule, rewrite the goldens and
// read the difference:
//
//	go test ./internal/tidy -rewrite
//
// The table of folders in rows_test.go says which package may import which. It
// is the only place where that is written down: docs/ARCHITECTURE.md repeats it
// through `make docs`, and TestArchitecture compares the two.
//
// Reading order: tidy_test.go (the rules), rows_test.go (the table), then the
// file of the rule in question.
package tidy
