package docker

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// GoServer is the recipe of a server that is a Go module's main package, without
// libraries and alone in its image. The go command builds it on first use.
func GoServer(name, module, version string) Recipe {
	return Recipe{
		Name:       name,
		Dockerfile: "FROM scratch\nCOPY " + name + " /" + name + "\nCMD [\"/" + name + "\"]\n",
		Key:        module + "@" + version,
		Make: func(ctx context.Context, folder string) (map[string]string, error) {
			binary := filepath.Join(folder, name)
			for _, args := range [][]string{
				{"mod", "init", "server"},
				{"get", module + "@" + version},
				{"build", "-trimpath", "-ldflags=-s -w", "-o", binary, module},
			} {
				if err := runGo(ctx, folder, args...); err != nil {
					return nil, fmt.Errorf("building %s %s from its module: %w", name, version, err)
				}
			}
			return map[string]string{name: binary}, nil
		},
	}
}

// runGo runs the go command in an empty module.
func runGo(ctx context.Context, folder string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	if err != nil {
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
		return fmt.Errorf("go %s: %w: %s", args[0], err, bytes.Join(lines[max(0, len(lines)-3):], []byte("; ")))
	}
	return nil
}

// ImageFor returns the name of the image that was asked for, which is pulled unless it
// is there, or else of a recipe's.
func ImageFor(ctx context.Context, given string, r Recipe) (string, error) {
	if given == "" {
		return Build(ctx, r)
	}
	e, err := Connect(ctx)
	if err != nil {
		return "", err
	}
	defer e.Close()
	return given, e.pull(ctx, given)
}

// Build returns the name of a recipe's image, which is made unless it is there.
func Build(ctx context.Context, r Recipe) (string, error) {
	e, err := Connect(ctx)
	if err != nil {
		return "", err
	}
	defer e.Close()
	name, err := e.Image(ctx, r)
	if err != nil && strings.Contains(r.Dockerfile, BaseImage) {
		if cannot := Buildable(ctx); cannot != nil {
			err = cannot
		}
	}
	return name, err
}
