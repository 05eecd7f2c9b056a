package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// envPrefix begins the environment variables that stand for flags: CHECKER_RATE
// for --rate.
const envPrefix = "CHECKER_"

// applySettings gives every flag that was not set on the command line the value
// of its environment variable, else that of the configuration file.
func applySettings(cmd *cobra.Command) error {
	if err := applyEnvironment(cmd); err != nil {
		return err
	}
	path := cmd.Flag("config").Value.String()
	if path == "" {
		return nil
	}
	return applyConfigFile(cmd, path)
}

// applyEnvironment takes a variable without a value for one that is not set.
func applyEnvironment(cmd *cobra.Command) error {
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || value == "" {
			continue
		}
		flag := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "_", "-")
		if !anyCommandHas(cmd.Root(), flag) {
			return hintError{fmt.Errorf("environment variable %s: there is no flag --%s", name, flag), "unset it; variables that begin with " + envPrefix + " stand for flags"}
		}
		if f := cmd.Flag(flag); f != nil && !f.Changed {
			if err := cmd.Flags().Set(flag, value); err != nil {
				return fmt.Errorf("environment variable %s: %w", name, err)
			}
		}
	}
	return nil
}

// refuseEmptyLists refuses a list that was given and is empty, as --nemesis
// "$FAMILIES" is when the variable is not set: nobody asks for nothing that way.
func refuseEmptyLists(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		list, ok := f.Value.(pflag.SliceValue)
		if ok && err == nil && (len(list.GetSlice()) == 0 || slices.Contains(list.GetSlice(), "")) {
			err = hintError{fmt.Errorf("--%s has an empty value", f.Name), "leave it out for the default"}
		}
	})
	return err
}

func anyCommandHas(cmd *cobra.Command, flag string) bool {
	return cmd.Flag(flag) != nil || slices.ContainsFunc(cmd.Commands(), func(c *cobra.Command) bool { return anyCommandHas(c, flag) })
}

// applyConfigFile reads a mapping of flag names to values. Lists become repeated
// flags, mappings (such as of set) KEY=VALUE.
func applyConfigFile(cmd *cobra.Command, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	var config map[string]yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err = decoder.Decode(&config)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return hintError{fmt.Errorf("--config %s: %s", path, strings.ReplaceAll(err.Error(), "\n  ", " ")), "expected a YAML mapping of names of flags to values, such as seed: 7"}
	}
	if decoder.Decode(&yaml.Node{}) != io.EOF {
		return fmt.Errorf("--config %s: expected one YAML document, found more", path)
	}
	names := make([]string, 0, len(config))
	for name := range config {
		names = append(names, name)
	}
	sort.Strings(names)
	set := map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { set[f.Name] = true })
	for _, name := range names {
		node := config[name]
		if cmd.Flag(name) == nil || name == "config" {
			return hintError{fmt.Errorf("%s:%d: there is no flag --%s for %s", path, node.Line, name, cmd.CommandPath()), "keys of a configuration file are names of flags"}
		}
		if set[name] {
			continue
		}
		values, err := nodeValues(&node)
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", path, node.Line, name, err)
		}
		for _, value := range values {
			if err := cmd.Flags().Set(name, value); err != nil {
				return fmt.Errorf("%s:%d: %w", path, node.Line, err)
			}
		}
	}
	return nil
}

func nodeValues(n *yaml.Node) ([]string, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return []string{n.Value}, nil
	case yaml.SequenceNode:
		var values []string
		for _, e := range n.Content {
			if e.Kind != yaml.ScalarNode {
				return nil, errors.New("expected a list of plain values")
			}
			values = append(values, e.Value)
		}
		if len(values) == 0 {
			return nil, errors.New("the list is empty: leave the name out for the default")
		}
		return values, nil
	case yaml.MappingNode:
		var values []string
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Kind != yaml.ScalarNode || n.Content[i+1].Kind != yaml.ScalarNode {
				return nil, errors.New("expected a mapping of names to plain values")
			}
			values = append(values, n.Content[i].Value+"="+n.Content[i+1].Value)
		}
		return values, nil
	}
	return nil, errors.New("expected a value, a list or a mapping")
}
