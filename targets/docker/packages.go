package docker

import (
	"context"
	"fmt"
	"strings"
)

// Packages is the recipe of an image of Debian packages, without what their scripts
// leave in the folders given.
func Packages(name string, packages []string, without ...string) Recipe {
	return Recipe{
		Name: name,
		Dockerfile: fmt.Sprintf("FROM %s\nRUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends %s && rm -rf %s\n",
			BaseImage, strings.Join(packages, " "), strings.Join(append(without, "/var/lib/apt/lists/*"), " ")),
	}
}

// Buildable returns an error that says why images of packages cannot be built here,
// and the remedy.
func Buildable(ctx context.Context) error {
	for _, f := range Examine(ctx) {
		if !f.OK && (f.Name == "containers" || f.Name == "base image") {
			return fmt.Errorf("%s: %s", f.Detail, f.Remedy)
		}
	}
	return nil
}
