package tp.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;
import tp.testkit.NamespaceProviderContract;

class AliasedNamespacesTest extends NamespaceProviderContract {

    @Override
    public NamespaceProvider provider() {
        return new AliasedNamespaces();
    }

    @Override
    protected NamespaceRequest fitting() {
        return new NamespaceRequest(List.of("payments=payments-alice", "default"));
    }

    @Test
    void aNameHereLeadsToANamespaceThereAndTwoMayLeadToOne() {
        var request =
                new NamespaceRequest(List.of("pay=alice", "money=alice", "default", "pay=alice"));

        assertThat(provider().map(request))
                .isEqualTo(
                        new NamespaceMapping.Listed(
                                new TreeMap<>(
                                        Map.of(
                                                "pay", "alice", "money", "alice", "default",
                                                "default"))));
    }

    @Test
    void withoutAnAliasItDoesNotFit() {
        for (var words : List.of(List.<String>of(), List.of("all"), List.of("default"))) {
            var request = new NamespaceRequest(words);
            assertThat(provider().assess(request)).isInstanceOf(Assessment.Unusable.class);
            assertThatThrownBy(() -> provider().map(request)).isInstanceOf(TpException.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    a=b,a=c  | 'a' would be both b and c
                    a=b,a    | 'a' would be both b and a
                    a=       | 'a=' is not HERE=THERE
                    =b       | '=b' is not HERE=THERE
                    =        | '=' is not HERE=THERE
                    a=b=c    | 'a=b=c' is not HERE=THERE
                    A=b      | 'A' is no name of a namespace
                    a=b.c    | 'b.c' is no name of a namespace
                    a=b,all  | names 'all' beside others
                    a=b,x y  | 'x y' is no name of a namespace
                    """)
    void whatIsWrongIsNamedInOneLine(String words, String line) {
        assertThatThrownBy(() -> provider().map(new NamespaceRequest(List.of(words.split(",")))))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> {
                            assertThat(e.line()).contains(line).hasLineCount(1);
                            assertThat(e.category()).isEqualTo(TpException.Category.USAGE);
                        });
    }
}
