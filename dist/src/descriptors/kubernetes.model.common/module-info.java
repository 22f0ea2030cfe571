open module kubernetes.model.common {
    requires java.sql;
    requires org.slf4j;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive tools.jackson.core;
    requires transitive tools.jackson.databind;
    exports io.fabric8.kubernetes.api.builder;
    exports io.fabric8.kubernetes.model;
    exports io.fabric8.kubernetes.model.annotation;
    exports io.fabric8.kubernetes.model.jackson;
    exports io.fabric8.kubernetes.model.util;
}
