"""Gets what a lab needs onto a machine: Python packages, a Docker engine, a base image, Pulumi, its Docker provider.

Standard library only: it runs before anything is installed.
"""
