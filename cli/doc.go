// Package cli is the outside of checker: commands, flags, output and exit codes.
// It wires registries to the packages that do the work and has no logic of its
// own beyond that. What it promises is written down in docs/cli.md.
//
// [Main] can be called from anyone's own main with further targets and workloads
// in its [Registry].
//
// The rules of its output, after those of age:
//
//   - Results go to standard output, progress and everything else to standard error.
//   - Errors begin with "checker: ", are in lower case and name the place; a line
//     that begins with "hint: " says what to do.
//   - Progress is one line that is written over on a terminal, and a plain line
//     every few seconds otherwise.
//   - Colour only on a terminal, never when NO_COLOR is set.
package cli
