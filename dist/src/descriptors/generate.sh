#!/bin/sh
# Writes again the module descriptors beside this script, after a version of one of these libraries changed.
# usage: generate.sh JDK_HOME LIB_DIR      (LIB_DIR: dist/target/lib, as `mvn package` leaves it)
#
# jdeps finds what each jar requires and provides. It does not write exports (everything is exported, as on the
# class path) nor uses (ServiceLoader calls: listed here, found by reading the libraries).
set -eu
jdk=$1 lib=$2 here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

uses() {
    case $1 in
    kubernetes.client.api) echo io.fabric8.kubernetes.client.http.HttpClient.Factory ;;
    kubernetes.client) echo io.fabric8.kubernetes.client.ServiceToURLProvider io.fabric8.kubernetes.client.extension.ExtensionAdapter ;;
    kubernetes.model.core) echo io.fabric8.kubernetes.api.model.KubernetesResource ;;
    esac
}

for jar in "$lib"/kubernetes-*.jar "$lib"/zjsonpatch-*.jar "$lib"/jnr-*.jar "$lib"/jffi-[0-9]*.jar; do
    case $jar in *-native.jar) continue ;; esac
    "$jdk/bin/jdeps" --multi-release 25 --ignore-missing-deps --module-path "$lib" \
        --generate-open-module "$work" "$jar" >/dev/null
    generated=$(find "$work" -name module-info.java)
    module=$(sed -n 's/^open module \([^ ]*\) {.*/\1/p' "$generated")
    mkdir -p "$here/$module"
    {
        grep -v '^}' "$generated" | sed '/^ *$/d'
        unzip -Z1 "$jar" '*.class' | grep -v '^META-INF/' | sed -n 's#/[^/]*$##p' | sort -u | tr / . |
            sed 's/.*/    exports &;/'
        for service in $(uses "$module"); do echo "    uses $service;"; done
        echo "}"
    } >"$here/$module/module-info.java"
    rm -rf "$work"/*
done
