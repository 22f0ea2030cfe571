package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.control.StatusReport;
import tp.spi.common.TpException;

class InterceptsTest {

    private final Intercepts intercepts = new Intercepts();

    @Test
    void theLatestComesFirstAndANamespaceStaysUntilItsLastOneLeaves() {
        assertThat(intercepts.add("one", "a")).isTrue();
        assertThat(intercepts.add("two", "b")).isTrue();
        assertThat(intercepts.add("three", "a")).isTrue();
        assertThat(intercepts.namespaces()).containsExactly("a", "b");

        intercepts.remove("three");
        assertThat(intercepts.namespaces()).containsExactly("b", "a");
        intercepts.remove("one");
        assertThat(intercepts.namespaces()).containsExactly("b");
        assertThat(intercepts.list()).containsExactly(new StatusReport.Intercept("two", "b"));
        intercepts.remove("two");
        assertThat(intercepts.namespaces()).isEmpty();
    }

    @Test
    void theSameAgainIsNoneMoreAndAnotherUnderItsNameIsRefused() {
        intercepts.add("one", "a");

        assertThat(intercepts.add("one", "a")).isFalse();
        assertThatThrownBy(() -> intercepts.add("one", "b"))
                .isInstanceOf(TpException.class)
                .hasMessage("there is an intercept one on namespace a");
        assertThat(intercepts.list()).hasSize(1);
    }

    @Test
    void theyAreBounded() {
        for (int i = 0; i < Intercepts.MOST; i++) {
            intercepts.add("w" + i, "a");
        }
        assertThatThrownBy(() -> intercepts.add("more", "a")).isInstanceOf(TpException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "-a", "a b", "a\nb", "\u001b[2J", "ä"})
    void whatCannotBeANameIsRefusedInOneLine(String name) {
        for (Runnable attempt :
                new Runnable[] {() -> intercepts.add(name, "a"), () -> intercepts.remove(name)}) {
            assertThatThrownBy(attempt::run)
                    .isInstanceOfSatisfying(
                            TpException.class,
                            e -> assertThat(e.line()).doesNotContainPattern("\\p{C}"));
        }
        assertThat(intercepts.list()).isEmpty();
    }
}
