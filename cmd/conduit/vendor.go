package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/project"
)

func (a *app) vendorCommand() *cobra.Command {
	var opts project.VendorOptions
	c := &cobra.Command{
		Use:   "vendor [DIR]",
		Short: "Write everything that a sync fetches into a folder",
		Long: `Write everything that a sync of this lock fetches into a folder: the files of providers and services, the tarballs of
libraries and of Node.js, the images of services that the lock pins. A machine that has the folder syncs, builds and runs without
a network: its engine is given the images from there.

DIR is vendor beside conduit.toml unless it is named. sync, run and up use the folder by themselves where it lies there,
or where CONDUIT_VENDOR names it; every byte is compared with conduit.lock, and what is not locked is not used.`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			ctx := a.context(cmd.Context())
			open, err := a.options()
			if err != nil {
				return err
			}
			open.NoVendor = true
			p, err := a.openWith(ctx, open)
			if err != nil {
				return err
			}
			if len(given) > 0 {
				if opts.Dir, err = filepath.Abs(given[0]); err != nil {
					return err
				}
			}
			out, err := p.Vendor(ctx, opts)
			a.finish()
			if err != nil {
				return err
			}
			return a.print(out, func() error {
				return a.say(fmt.Sprintf("wrote %s, %s%s to %s", count(out.Modules, "module", "modules"), count(out.Libraries, "library", "libraries"), images(out.Images), out.Dir))
			})
		},
	}
	c.Flags().BoolVar(&opts.AllPlatforms, "all-platforms", false, "libraries, Node.js and images for every platform of the lock, not for this one alone")
	imageFlags(c, &opts.ImageOptions, "Linux on this machine's processor")
	return c
}

// imageFlags are the flags that say which images are written.
func imageFlags(c *cobra.Command, opts *project.ImageOptions, usual string) {
	c.Flags().BoolVar(&opts.NoImages, "no-images", false, "leave the images of services out")
	c.Flags().StringSliceVar(&opts.Platforms, "platform", nil, "platforms of the images, such as linux/arm64 (default: "+usual+")")
	c.MarkFlagsMutuallyExclusive("no-images", "platform")
}

// images counts images behind other things, where there are any.
func images(n int) string {
	if n == 0 {
		return ""
	}
	return ", " + count(n, "image", "images")
}
