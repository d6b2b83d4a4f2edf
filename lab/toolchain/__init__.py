"""Installs what a lab needs: Python packages, a Docker engine, a base image, Pulumi and its Docker provider.

It uses the standard library only, because it runs before anything is installed.
"""
