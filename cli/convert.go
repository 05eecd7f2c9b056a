package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"checker/history"
)

func (a *app) convertCommand() *cobra.Command {
	var from, to, rules string
	var trace bool
	cmd := &cobra.Command{
		Use:   "convert IN… OUT",
		Short: "Convert a history from one format to another, or logs of nodes to a trace",
		Long: `Convert reads a history in any format that can be read and writes it in another,
without loss. "-" is standard input or output. The format to write follows from the
name of OUT unless --to says it.

With --trace, or --rules, the INs tell the steps of transactions in the nodes of some
database, and OUT is a trace that "checker check -m atomic-commit" judges. An IN is CSV
or JSON Lines, by its name, or a log whose lines the file of --rules makes steps of.`,
		Example: "  checker convert history.edn history.jsonl\n  checker convert --to edn store/latest/history.jsonl -\n  checker convert --trace coordinator.csv n1.csv n2.csv trace.jsonl\n  checker convert --rules postgres.rules n1.log n2.log trace.jsonl",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if last := len(args) - 1; trace || rules != "" {
				return a.convertTrace(rules, args[:last], args[last])
			}
			if len(args) > 2 {
				return usageError{errors.New("only the steps of a trace are put together of several files: see --trace")}
			}
			return a.convert(cmd.Context(), args[0], args[1], from, to)
		},
	}
	cmd.Flags().StringVarP(&from, "format", "f", "auto", "format of IN: "+strings.Join(formatNames(false), ", "))
	cmd.Flags().StringVar(&to, "to", "", "format of OUT: "+strings.Join(formatNames(true), ", "))
	cmd.Flags().BoolVar(&trace, "trace", false, "the INs are steps of transactions, and OUT their trace")
	cmd.Flags().StringVar(&rules, "rules", "", "a file that says which lines of a log are steps; with it, --trace is understood")
	complete(cmd, "format", func() []string { return formatNames(false) })
	complete(cmd, "to", func() []string { return formatNames(true) })
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
	return "", usageError{unknownName("format", name, formatNames(false))}
}

// writeFormat is a format to write, from its name or that of the file.
func writeFormat(name, path string) (history.Format, error) {
	given := name != ""
	if !given {
		name = strings.TrimPrefix(filepath.Ext(path), ".")
	}
	for _, known := range formatNames(true) {
		if name == known {
			return history.Format(name), nil
		}
	}
	if given {
		return "", usageError{unknownName("format to write", name, formatNames(true))}
	}
	return "", usageError{hintError{fmt.Errorf("cannot tell which format to write from %q", path), "say it with --to " + strings.Join(formatNames(true), "|")}}
}

func (a *app) convert(ctx context.Context, in, out, from, to string) error {
	source, err := readFormat(from)
	if err != nil {
		return err
	}
	target, err := writeFormat(to, out)
	if err != nil {
		return err
	}
	h, err := a.readHistory(ctx, in, source)
	if err != nil {
		return err
	}
	a.printWarnings(in, h)
	if out == "-" {
		return history.WriteHistory(a.out, h, target)
	}
	return writeWhole(out, func(w io.Writer) error { return history.WriteHistory(w, h, target) })
}

// writeWhole writes a file so that it is there whole or not at all. What is no
// plain file, such as a pipe or /dev/stdout, is written to as it is.
func writeWhole(path string, write func(io.Writer) error) error {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, write)
	}
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

func writeInto(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// readHistory reads a file, or standard input for "-", until the user interrupts.
func (a *app) readHistory(ctx context.Context, path string, format history.Format) (*history.History, error) {
	in, name := a.in, "standard input"
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in, name = file, path
	}
	h, err := history.Read(interruptibleReader{ctx, in}, name, history.ReadOptions{Format: format})
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	return h, err
}

// interruptibleReader reads until ctx is done, even when no input comes.
type interruptibleReader struct {
	ctx context.Context
	r   io.Reader
}

// Read reads in another goroutine, which is left behind when ctx is done.
func (r interruptibleReader) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	buf := make([]byte, len(p))
	done := make(chan result, 1)
	go func() {
		n, err := r.r.Read(buf)
		done <- result{n, err}
	}()
	select {
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	case got := <-done:
		return copy(p, buf[:got.n]), got.err
	}
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
