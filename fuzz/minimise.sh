#!/bin/sh
# After FuzzTest: makes each folder of the corpus the smallest part of what it has and of what was
# found that covers as many branches. Inputs with a name of their own stay, seeds are left to the code.
# JAVA_HOME is that of a JDK 25.
set -eu
cd "$(dirname "$0")"

for arguments in target/*.args; do
    name=$(basename "$arguments" .args)
    next=target/next/$name
    rm -rf "$next"
    mkdir -p "$next" "corpus/$name"
    cp "target/seeds/$name"/* "$next/"
    find "corpus/$name" -type f ! -name '????????????????????????????????????????' -exec cp {} "$next/" \;
    "${JAVA_HOME:?}/bin/java" "@$arguments" -merge=1 -use_counters=0 -max_len=4096 \
        "$next" "corpus/$name" "target/found/$name" > "target/$name-merge.log" 2>&1
    rm -f "$next"/seed-*
    rm -r "corpus/$name"
    mv "$next" "corpus/$name"
    echo "$name: $(find "corpus/$name" -type f | wc -l) inputs, $(du -bs "corpus/$name" | cut -f1) bytes"
done
