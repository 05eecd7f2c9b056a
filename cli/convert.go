package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"checker/history"
)

func (a *app) convertCommand() *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Convert a history from one format to another",
		Long: `Convert reads a history in any format that can be read and writes it in another,
without loss. "-" is standard input or output. The format to write follows from the
name of OUT unless --to says it.`,
		Example: "  checker convert history.edn history.jsonl\n  checker convert --to edn store/latest/history.jsonl -",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.convert(args[0], args[1], from, to)
		},
	}
	cmd.Flags().StringVarP(&from, "format", "f", "auto", "format of IN: "+strings.Join(formatNames(false), ", "))
	cmd.Flags().StringVar(&to, "to", "", "format of OUT: "+strings.Join(formatNames(true), ", "))
	return cmd
}

func formatNames(writable bool) []string {
	var names []string
	if !writable {
		names = append(names, "auto")
	}
	for _, f := range history.Formats() {
		if f.CanWrite || !writable {
			names = append(names, string(f.Name))
		}
	}
	return names
}

// readFormat is a format to read with, as the flags give it.
func readFormat(name string) (history.Format, error) {
	if name == "auto" {
		return "", nil
	}
	for _, known := range formatNames(false) {
		if name == known {
			return history.Format(name), nil
		}
	}
	return "", usageError{fmt.Errorf("unknown format %q: expected one of %s", name, strings.Join(formatNames(false), ", "))}
}

// writeFormat is a format to write, from its name or that of the file.
func writeFormat(name, path string) (history.Format, error) {
	if name == "" {
		name = strings.TrimPrefix(filepath.Ext(path), ".")
	}
	for _, known := range formatNames(true) {
		if name == known {
			return history.Format(name), nil
		}
	}
	return "", usageError{hintError{fmt.Errorf("cannot tell which format to write from %q", path), "say it with --to " + strings.Join(formatNames(true), "|")}}
}

func (a *app) convert(in, out, from, to string) error {
	source, err := readFormat(from)
	if err != nil {
		return err
	}
	target, err := writeFormat(to, out)
	if err != nil {
		return err
	}
	h, err := a.readHistory(in, source)
	if err != nil {
		return err
	}
	a.printWarnings(in, h)
	if out == "-" {
		return history.WriteHistory(a.out, h, target)
	}
	return writeWhole(out, func(w io.Writer) error { return history.WriteHistory(w, h, target) })
}

// writeWhole writes a file so that it is there whole or not at all.
func writeWhole(path string, write func(io.Writer) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := write(temp); err != nil {
		temp.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Chmod(temp.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// readHistory reads a file, or standard input for "-".
func (a *app) readHistory(path string, format history.Format) (*history.History, error) {
	opts := history.ReadOptions{Format: format}
	if path == "-" {
		return history.Read(a.in, "standard input", opts)
	}
	return history.ReadFile(path, opts)
}

// shownWarnings is how many warnings of a history are printed without --verbose.
const shownWarnings = 3

func (a *app) printWarnings(path string, h *history.History) {
	kept, dropped := h.Warnings()
	shown := kept
	if !a.verbose && len(shown) > shownWarnings {
		shown = shown[:shownWarnings]
	}
	if a.quiet {
		return
	}
	for _, w := range shown {
		a.log.printf("%s: warning: %s\n", path, w)
	}
	if more := len(kept) - len(shown) + dropped; more > 0 {
		a.log.printf("%s: %d more warnings\n", path, more)
	}
}
