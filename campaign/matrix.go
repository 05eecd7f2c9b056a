package campaign

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a cell is expected to show.
const (
	ExpectNothing = ""        // whatever: an anomaly is one, and what is unknown is
	ExpectSilent  = "silent"  // no anomaly, and a run at least that saw enough to be valid
	ExpectAnomaly = "anomaly" // one at least
)

// Block is a product: each flag with the values that it takes in turn.
type Block struct {
	Flags  map[string][]string // by name of a flag of `run`
	Set    map[string][]string // by name of a setting
	Expect string
	Title  string // what the cells show, for people; "" for nothing
	Source string // where that was published
	Seeds  string // of those of the campaign, the ones that the cells are run with; "" for all
}

// Matrix says which cells a campaign has.
type Matrix struct {
	Name         string
	Blocks       []Block
	Except       []map[string]string // cells of all these values are left out
	Seeds        string              // "" when the matrix does not say
	UntilAnomaly bool
}

//go:embed matrices
var builtIn embed.FS

// BuiltIn returns the names of the matrices that need no file.
func BuiltIn() []string {
	entries, err := builtIn.ReadDir("matrices")
	if err != nil {
		panic(err) // they are in the program
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// ReadMatrix reads a built-in matrix by its name, or else a file. An error names the
// line.
func ReadMatrix(name string) (Matrix, error) {
	if slices.Contains(BuiltIn(), name) {
		data, err := builtIn.ReadFile("matrices/" + name + ".yaml")
		if err != nil {
			return Matrix{}, err
		}
		return ParseMatrix(name, data)
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return Matrix{}, fmt.Errorf("no matrix %q: expected a YAML file or one of %s", name, strings.Join(BuiltIn(), ", "))
	}
	if err != nil {
		return Matrix{}, err
	}
	m, err := ParseMatrix(strings.TrimSuffix(path.Base(name), path.Ext(name)), data)
	if err != nil {
		return m, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// ParseMatrix reads a matrix in YAML:
//
//	seeds: 1-100               # optional, and until-anomaly: true
//	matrix:                    # blocks, each a product of its values
//	  - workload: [register, set]
//	    nemesis: [all, kill+pause]
//	    set: {reads: all}      # every value of a setting, workload or bug
//	    expect: silent         # or anomaly
//	    title: for people      # and source: where it was published
//	    seeds: 7,9             # only these of the campaign's
//	except:                    # cells that are left out
//	  - {workload: set, reads: local}
func ParseMatrix(name string, data []byte) (Matrix, error) {
	m := Matrix{Name: name}
	var file map[string]yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&file); err != nil && err != io.EOF {
		return m, errors.New(strings.ReplaceAll(err.Error(), "\n  ", " "))
	}
	if decoder.Decode(&yaml.Node{}) != io.EOF {
		return m, errors.New("expected one YAML document, found more")
	}
	for _, key := range sortedKeys(file) {
		node := file[key]
		if err := m.take(key, &node); err != nil {
			return m, err
		}
	}
	if len(m.Blocks) == 0 {
		return m, errors.New("the matrix is empty: expected a list of blocks under matrix")
	}
	return m, m.checkExceptions()
}

// checkExceptions refuses an exception for what no block has, which would leave
// nothing out.
func (m *Matrix) checkExceptions() error {
	for _, e := range m.Except {
		for _, name := range sortedKeys(e) {
			_, flag := flags[name]
			if !flag && !slices.ContainsFunc(m.Blocks, func(b Block) bool { return b.Set[name] != nil }) {
				return fmt.Errorf("except: %q is neither a flag of run nor a setting in the matrix", name)
			}
		}
	}
	return nil
}

func (m *Matrix) take(key string, node *yaml.Node) (err error) {
	switch key {
	case "seeds":
		m.Seeds = node.Value
		if _, err = ParseSeeds(node.Value); err != nil {
			err = at(node, "%v", err)
		}
	case "until-anomaly":
		if m.UntilAnomaly, err = strconv.ParseBool(node.Value); err != nil {
			err = at(node, "until-anomaly is %q: expected true or false", node.Value)
		}
	case "matrix":
		if node.Kind != yaml.SequenceNode {
			return at(node, "matrix: expected a list of blocks")
		}
		for _, n := range node.Content {
			b, err := parseBlock(n)
			if err != nil {
				return err
			}
			m.Blocks = append(m.Blocks, b)
		}
	case "except":
		if err = node.Decode(&m.Except); err != nil {
			err = at(node, "except: expected a list of mappings of names to values")
		}
	default:
		err = at(node, "unknown key %q: expected matrix, except, seeds or until-anomaly", key)
	}
	return err
}

// at is an error with the line that it is in.
func at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", n.Line, fmt.Sprintf(format, args...))
}

func parseBlock(n *yaml.Node) (Block, error) {
	b := NewBlock()
	err := eachPair(n, func(key string, value *yaml.Node) error {
		switch key {
		case "expect":
			b.Expect = value.Value
			if b.Expect != ExpectSilent && b.Expect != ExpectAnomaly {
				return at(value, "expect is %q: expected %s or %s", value.Value, ExpectSilent, ExpectAnomaly)
			}
			return nil
		case "title":
			b.Title = value.Value
			return nil
		case "source":
			b.Source = value.Value
			return nil
		case "seeds":
			b.Seeds = value.Value
			if _, err := ParseSeeds(value.Value); err != nil {
				return at(value, "%v", err)
			}
			return nil
		case "set":
			return eachPair(value, func(name string, v *yaml.Node) (err error) {
				b.Set[name], err = values(name, v)
				return err
			})
		}
		if _, known := flags[key]; !known {
			return at(value, "unknown key %q: expected set, expect, title, source, seeds or a flag of run: %s", key, strings.Join(FlagNames(), ", "))
		}
		list, err := values(key, value)
		b.Flags[key] = list
		return err
	})
	return b, err
}

// NewBlock returns a block of one cell, in which everything is the default.
func NewBlock() Block {
	return Block{Flags: map[string][]string{}, Set: map[string][]string{}}
}

func eachPair(n *yaml.Node, do func(key string, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "expected a mapping of names to values")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if seen[key] {
			return at(n.Content[i], "%s is given twice", key)
		}
		seen[key] = true
		if err := do(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// values reads one value or a list of them.
func values(name string, n *yaml.Node) ([]string, error) {
	elems := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		elems = n.Content
	}
	var list []string
	for _, e := range elems {
		if e.Kind != yaml.ScalarNode || e.Value == "" {
			return nil, at(n, "%s: expected a plain value, or a list of them", name)
		}
		list = append(list, e.Value)
	}
	if len(list) == 0 {
		return nil, at(n, "%s: the list is empty: leave the name out for the default", name)
	}
	return list, nil
}

// Narrow keeps of every block what has the values of another one, as flags go before
// a file. What a block does not speak of, it takes over.
func (m *Matrix) Narrow(to Block) error {
	var blocks []Block
	for _, b := range m.Blocks {
		if narrow(b.Flags, to.Flags) && narrow(b.Set, to.Set) {
			blocks = append(blocks, b)
		}
	}
	if m.Blocks = blocks; len(blocks) == 0 {
		return fmt.Errorf("no block of the matrix %s has what the flags ask for", m.Name)
	}
	return nil
}

// narrow reports whether every name still has a value.
func narrow(have, to map[string][]string) bool {
	for name, wanted := range to {
		list := wanted
		if given, ok := have[name]; ok && !slices.Equal(given, []string{all}) && !slices.Equal(wanted, []string{all}) {
			list = slices.DeleteFunc(slices.Clone(given), func(v string) bool { return !slices.Contains(wanted, v) })
		}
		if have[name] = list; len(list) == 0 {
			return false
		}
	}
	return true
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
