package docker

import (
	"debug/elf"
	"fmt"
	"os"
)

// theProgram returns the path of the program that is to be the agent, which needs
// nothing beside it: it is alone in its image.
func theProgram(path string) (string, error) {
	if path == "" {
		own, err := os.Executable()
		if err != nil {
			return "", err
		}
		path = own
	}
	file, err := elf.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s cannot be the agent in a pod: %w", path, err)
	}
	defer file.Close()
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP {
			return "", fmt.Errorf("%s cannot be the agent in a pod, as it needs libraries: build it with CGO_ENABLED=0, as `make build` does", path)
		}
	}
	return path, nil
}
