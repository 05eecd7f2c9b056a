// Command checker tests distributed databases for correctness: it drives them
// under faults, records what clients see, and judges the record.
package main

import (
	"os"

	"checker/cli"
)

func main() { os.Exit(cli.Main(cli.Default(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
